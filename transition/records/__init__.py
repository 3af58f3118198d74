"""What is kept: one module per noun, its rows and the questions asked of them.

A record never decides: what is right lies in ``rules``. It knows no request. Every word about a
young person lies in a sealed column (``sealing.Sealed``); what stands in the clear is a code, a
count, an instant or a day that names nobody.
"""
