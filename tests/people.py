"""The invented staff, by first name: what each is here, and the address they sign in with."""

PASSWORD = "demonstration only"  # noqa: S105 - known to all, of invented people

# Naomi House & Jacksplace
RUTH = "nurse@naomi.example"  # transition nurse, named worker of demo-01 to demo-12
ANNA = "nurse2@naomi.example"  # transition nurse, named worker of demo-13 to demo-20
PRIYA = "lead@naomi.example"  # children's lead
TOM = "lead2@naomi.example"  # children's lead, escalation person
WILMA = "auditor@naomi.example"

# Rowans Hospice
HELEN = "lead@rowans.example"
IDRIS = "deputy@rowans.example"
GRACE = "escalation@rowans.example"
MINA = "worker@rowans.example"

# Oakhaven Hospice
PETER = "lead@oakhaven.example"
LOLA = "deputy@oakhaven.example"
ROSA = "worker@oakhaven.example"

# The collaborative
JO = "coordinator@collaborative.example"
SAM = "admin@collaborative.example"
