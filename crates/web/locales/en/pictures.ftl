error-too_large_bytes = The file is larger than 12 MB. Make it smaller and upload it again.
error-not_a_picture = Only JPEG, PNG and WebP pictures can be uploaded.
error-damaged = The picture is cut off or damaged. Take it again or choose another.
error-animated = Moving pictures cannot be uploaded. Choose one that stands still.
error-too_small = The picture is too small: both edges need at least 32 pixels.
error-too_many_pixels = The picture is too large: up to 50 megapixels, and 12,000 pixels an edge.
error-too_costly = This picture takes too much to open. Save it as a plain JPEG and upload it again.
error-too_many_uploads = You have uploaded many pictures today without using them. You can upload more tomorrow.
error-upload_not_found = This upload has not arrived, or is not there any more. Please upload the picture again.
error-uploads_off = Pictures cannot be sent into the storage directly here. Please upload them to the house itself.

pictures = Pictures
pictures-cover = Cover
pictures-choose = Choose pictures
pictures-hint = Up to 10. You can drag them here or paste them.
pictures-camera = Take one
pictures-send = Upload the pictures
pictures-rules = The first one is the cover. Where and when it was taken is removed.
pictures-kept = Pictures now
pictures-alt = What the picture shows
pictures-alt-hint = What can be seen? e.g. front, scratch on a leg
pictures-earlier = Move it forward
pictures-later = Move it back
pictures-remove = Remove the picture
pictures-removed = The picture was removed.
pictures-undo = Undo
pictures-again = Try again
pictures-sending = Uploading
pictures-wait = We go on as soon as the pictures are uploaded.
pictures-failed = It could not be uploaded. Check your connection and try again.
pictures-full = There can be ten pictures.
pictures-moved = Moved to place { $number }.
pictures-gone = A picture had become too old and was removed.
pictures-fault = There can be ten pictures, each of them once.
gallery-place = Picture { $number } of { $count }
gallery-count = { $count ->
    [one] One picture
   *[other] { $count } pictures
}
gallery-earlier = Picture before
gallery-later = Next picture
close = Close
