"""The second design of the texture network: oriented noise times levels that a trunk says, and sharpening apart.

Once its figures hold it takes the place of `training.texture`. Design and measurements: docs/experiments.
"""
