"""Lenient parsing of JSON records into the model, since their inner structure is undocumented.

encoded     records that stay JSON until somebody looks at them
parsing     a record as a conversation, whose attributes are read when somebody looks at them
people      the owner, the participants, the ends of a call
analysis    action items, insights, figures, feedback
transcript  what was said
consent     whether everybody agreed to the recording
shapes      texts, numbers and moments, wherever they are in a value
"""
