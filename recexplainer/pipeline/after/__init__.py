"""Work on a finished run: live explanations, controls, study, export."""
