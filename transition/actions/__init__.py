"""What people and the clock do: one function, one thing done, in one transaction.

An action finds what it works on through the actor's eyes, refuses first, then changes, and leaves
its note in the trail. It knows no request and never commits: that is ``Work``'s.
"""
