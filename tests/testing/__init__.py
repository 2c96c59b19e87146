"""What embedders test their own classes with."""
