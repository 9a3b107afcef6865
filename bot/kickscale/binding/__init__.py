"""What the API's OpenAPI document says, as operations that the client can call."""
