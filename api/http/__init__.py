"""The service: what the command line does, over HTTP, for people who sign with keys of their own."""
