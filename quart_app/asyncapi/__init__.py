"""The AsyncAPI document of chat-v1, made from the types of `quart_app.protocol`.

`quart_app.asyncapi.document` has it; ``python -m quart_app.asyncapi PATH`` writes it.
"""
