"""The second design of the texture network: oriented noise times levels from a trunk, and a separate sharpening path.

It is planned to replace `training.texture` once its figures are good enough. Design and measurements: docs/experiments.
"""
