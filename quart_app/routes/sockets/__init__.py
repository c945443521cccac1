"""What routes of sockets share: the handshake, the first message, and the close."""
