"""What-ifs: small edits of a history that bring an item where it is wanted, found by asking."""
