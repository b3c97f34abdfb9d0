"""What an assessor agrees to, word for word; what was signed is known by its hash."""

import hashlib

TEXT = (
    "I read and score what I am sent myself, by the criteria and the bands, and by nothing I know from elsewhere.",
    "I keep applications, scores and comments to myself, before and after the decision, and delete my copies when the round is over.",
    "I use nothing from an application for my own work, and put no part of it into services that learn from what they are given.",
    "I say so at once when I have an interest, or when it could look as if I had, also after I have scored.",
    "I write comments that I would stand by if the company read them next to my name. They are passed on without it.",
)
SHA256 = hashlib.sha256("\n".join(TEXT).encode()).hexdigest()
