//! Which picture a file is, by its own bytes.

/// Largest picture in bytes.
pub const LARGEST: usize = 5 * 1024 * 1024;

/// Kinds that browsers show and that hold no program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
}

impl Picture {
    /// Recognises a whole picture, whatever it is said to be.
    #[must_use]
    pub fn of(content: &[u8]) -> Option<Self> {
        let is_png = content.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
            && content.ends_with(b"\0\0\0\0IEND\xaeB`\x82");
        let is_jpeg = content.starts_with(b"\xff\xd8\xff") && content.ends_with(b"\xff\xd9");
        if is_png {
            Some(Self::Png)
        } else if is_jpeg {
            Some(Self::Jpeg)
        } else {
            is_webp(content).then_some(Self::Webp)
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }
}

/// The length that the head tells is that of the rest.
fn is_webp(content: &[u8]) -> bool {
    let Some((head, rest)) = content.split_first_chunk::<8>() else { return false };
    let [b'R', b'I', b'F', b'F', length @ ..] = *head else { return false };
    u32::try_from(rest.len()) == Ok(u32::from_le_bytes(length)) && rest.starts_with(b"WEBPVP8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_their_bytes() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR..\0\0\0\0IEND\xaeB`\x82";
        assert_eq!(Picture::of(png), Some(Picture::Png));
        assert_eq!(Picture::of(b"\xff\xd8\xff\xe0..\xff\xd9"), Some(Picture::Jpeg));
        assert_eq!(Picture::of(b"RIFF\x0c\0\0\0WEBPVP8 ...."), Some(Picture::Webp));
        for other in [
            b"".as_slice(),
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"GIF89a",
            b"RIFF\x0d\0\0\0WEBPVP8 ....",
            b"\xff\xd8\xff\xe0..\xff\xd9<script>",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR..",
        ] {
            assert_eq!(Picture::of(other), None, "{other:?}");
        }
    }
}
