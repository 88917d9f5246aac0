"""What the small model learns from: rendered products, and real photos where given."""
