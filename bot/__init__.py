"""hubang: a chat assistant that interviews households, explains their card and keeps what is due."""
