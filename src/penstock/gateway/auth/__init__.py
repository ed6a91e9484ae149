"""Who is calling: proof of identity in, subject out."""
