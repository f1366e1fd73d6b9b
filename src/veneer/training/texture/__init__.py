"""The texture stage: a generator `texture` that brings back what coding took, trained against a discriminator.

Place: after the fidelity stage (`training/train.py`), whose networks it leaves as they are.
"""
