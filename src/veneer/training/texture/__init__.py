"""The texture stage: trains the generator `texture`, which invents lost detail, against a discriminator.

Place: after the fidelity stage (`training/train.py`), whose networks it does not change.
"""
