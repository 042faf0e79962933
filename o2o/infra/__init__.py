"""The sockets in the wall: settings, database, outbox, live channels, HTTP, engines. Knows nothing of retail."""
