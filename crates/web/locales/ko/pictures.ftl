error-too_large_bytes = 사진 파일이 12MB보다 커요. 조금 줄여서 다시 올려 주세요.
error-not_a_picture = JPEG, PNG, WebP 사진만 올릴 수 있어요.
error-damaged = 사진이 잘렸거나 깨져 있어요. 다시 찍거나 다른 사진을 골라 주세요.
error-animated = 움직이는 사진은 올릴 수 없어요. 멈춘 사진을 골라 주세요.
error-too_small = 사진이 너무 작아요. 가로와 세로가 32픽셀은 되어야 해요.
error-too_many_pixels = 사진이 너무 커요. 5천만 화소까지, 한 변은 12,000픽셀까지 올릴 수 있어요.
error-too_costly = 이 사진은 여는 데 너무 많은 힘이 들어요. 보통 JPEG로 저장해서 다시 올려 주세요.
error-too_many_uploads = 쓰지 않은 사진을 하루 동안 너무 많이 올렸어요. 내일 다시 올릴 수 있어요.
