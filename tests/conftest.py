"""What all tests share: examples of hypothesis may take their time, since machines that test do other things too."""

from hypothesis import settings

settings.register_profile("veneer", deadline=None)
settings.load_profile("veneer")
