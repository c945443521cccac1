"""chat-v1: every message as a type, and the AsyncAPI document made from them."""
