"""What several tests need: a MongoDB server and the files beside the checkout."""
