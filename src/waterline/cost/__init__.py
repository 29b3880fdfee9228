"""What it costs: four ways to price a training programme, from the headline's rent to the whole programme."""
