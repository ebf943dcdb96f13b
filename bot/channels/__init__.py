"""The mouths: each module translates one medium (Telegram, browser) to and from the same conversation."""
