"""Who is the named worker of whom, and handing young people on."""
