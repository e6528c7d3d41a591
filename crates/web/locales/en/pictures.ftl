error-too_large_bytes = The file is larger than 12 MB. Make it smaller and upload it again.
error-not_a_picture = Only JPEG, PNG and WebP pictures can be uploaded.
error-damaged = The picture is cut off or damaged. Take it again or choose another.
error-animated = Moving pictures cannot be uploaded. Choose one that stands still.
error-too_small = The picture is too small: both edges need at least 32 pixels.
error-too_many_pixels = The picture is too large: up to 50 megapixels, and 12,000 pixels an edge.
error-too_costly = This picture takes too much to open. Save it as a plain JPEG and upload it again.
error-too_many_uploads = You have uploaded many pictures today without using them. You can upload more tomorrow.
