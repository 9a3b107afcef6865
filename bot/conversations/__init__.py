"""Meetings and calls.

lookup            reads them from Kickscale, and marks the internal ones
filters           filters a list by what Kickscale can't filter by
questions         what people asked for: kept, and answered page by page
promises          what they were promised after a click: done in spite of restarts, or they hear why not
sharing           *Share in channel*
transcripts       *Transcript*, sent as a file
private_delivery  what a channel may not see goes to one person
"""
