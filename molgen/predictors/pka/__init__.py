"""The pKa of a molecule's groups, and what follows from them: which form is there at a pH."""
