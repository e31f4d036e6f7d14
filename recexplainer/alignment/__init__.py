"""Training corpus and fidelity questions, made from the target's answers."""
