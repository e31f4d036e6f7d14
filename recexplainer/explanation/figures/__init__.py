"""From checked explanations to reported figures."""
