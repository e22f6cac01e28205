"""Painted places. Every place is drawn on a canvas of 1296 x 2304 units; the frame is the 1080 x 1920 in its middle."""
