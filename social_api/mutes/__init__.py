"""What somebody does not want in their feed or be told of: people, and words. Nobody learns of it."""
