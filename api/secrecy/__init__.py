"""What files bear of secrecy markings, looked for before any of them is kept. docs/secrecy.md says what is
not seen."""
