"""`veneer batch`: archives of pictures, here or in object stores, on one machine or many."""
