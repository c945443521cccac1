"""What stands between the network and Quart: the listener, TLS, proxies, Origins, frames."""
