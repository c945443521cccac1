"""The AsyncAPI document of chat-v1, made from the types of `quart_app.protocol.messages`.

``python -m quart_app.protocol.asyncapi PATH`` writes it.
"""
