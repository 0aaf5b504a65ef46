"""How everything is measured; knows neither the questions nor the rivals."""
