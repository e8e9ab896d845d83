//! From bytes of a file to text, piece by piece.

/// Why bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Neither UTF-8 nor marked as UTF-16.
    #[error("the file is not UTF-8 at byte {0}; save it as UTF-8")]
    Encoding(u64),
    /// It ends inside a letter.
    #[error("the file ends inside a letter: is it complete?")]
    Cut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Unknown,
    Utf8,
    Little,
    Big,
}

/// Reads UTF-8, and UTF-16 where a byte order mark says so (reports of
/// MetaTrader are).
#[derive(Debug)]
pub struct Decoder {
    coding: Coding,
    rest: Vec<u8>,
    at: u64,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { coding: Coding::Unknown, rest: Vec::new(), at: 0 }
    }
}

impl Decoder {
    /// Text of the next bytes.
    ///
    /// # Errors
    ///
    /// [`TextError::Encoding`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<String, TextError> {
        self.rest.extend_from_slice(bytes);
        if self.coding == Coding::Unknown {
            if self.rest.len() < 3 {
                return Ok(String::new());
            }
            self.recognise();
        }
        self.text()
    }

    /// What is left at the end of the file.
    ///
    /// # Errors
    ///
    /// [`TextError`].
    pub fn finish(&mut self) -> Result<String, TextError> {
        if self.coding == Coding::Unknown {
            self.recognise();
        }
        let text = self.text()?;
        if self.rest.is_empty() { Ok(text) } else { Err(TextError::Cut) }
    }

    fn recognise(&mut self) {
        let (coding, mark) = match self.rest.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => (Coding::Utf8, 3),
            [0xFF, 0xFE, ..] => (Coding::Little, 2),
            [0xFE, 0xFF, ..] => (Coding::Big, 2),
            _ => (Coding::Utf8, 0),
        };
        self.coding = coding;
        self.take(mark);
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.rest.split_off(count.min(self.rest.len()));
        self.at = self.at.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        std::mem::replace(&mut self.rest, rest)
    }

    fn text(&mut self) -> Result<String, TextError> {
        match self.coding {
            Coding::Utf8 | Coding::Unknown => self.utf8(),
            Coding::Little => self.utf16(u16::from_le_bytes),
            Coding::Big => self.utf16(u16::from_be_bytes),
        }
    }

    fn utf8(&mut self) -> Result<String, TextError> {
        let whole = match std::str::from_utf8(&self.rest) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(error) => {
                let place = u64::try_from(error.valid_up_to()).unwrap_or(u64::MAX);
                return Err(TextError::Encoding(self.at.saturating_add(place)));
            }
        };
        let at = self.at;
        String::from_utf8(self.take(whole)).map_err(|_| TextError::Encoding(at))
    }

    fn utf16(&mut self, read: fn([u8; 2]) -> u16) -> Result<String, TextError> {
        let unit = |pair: &[u8]| <[u8; 2]>::try_from(pair).map(read).unwrap_or_default();
        let mut units: Vec<u16> = self.rest.chunks_exact(2).map(unit).collect();
        // The first half of a letter waits for the second.
        if units.last().is_some_and(|last| (0xD800..0xDC00).contains(last)) {
            units.pop();
        }
        let at = self.at;
        self.take(units.len().saturating_mul(2));
        String::from_utf16(&units).map_err(|_| TextError::Encoding(at))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], step: usize) -> Result<String, TextError> {
        let (mut decoder, mut text) = (Decoder::default(), String::new());
        for piece in bytes.chunks(step) {
            text.push_str(&decoder.push(piece)?);
        }
        text.push_str(&decoder.finish()?);
        Ok(text)
    }

    #[test]
    fn other_encodings_and_half_files_are_named() {
        assert_eq!(read(b"caf\xE9,1", 2), Err(TextError::Encoding(3)));
        assert_eq!(read("ราคา".as_bytes().split_last().unwrap().1, 4), Err(TextError::Cut));
    }

    proptest! {
        #[test]
        fn text_is_the_same_however_it_is_cut(text in "[a-zก-ฮ😀,]{0,30}", step in 1_usize..7, coding in 0..4_u8) {
            let units: Vec<u16> = text.encode_utf16().collect();
            let bytes: Vec<u8> = match coding {
                0 => text.clone().into_bytes(),
                1 => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
                2 => [0xFF, 0xFE].into_iter().chain(units.iter().flat_map(|unit| unit.to_le_bytes())).collect(),
                _ => [0xFE, 0xFF].into_iter().chain(units.iter().flat_map(|unit| unit.to_be_bytes())).collect(),
            };
            prop_assert_eq!(read(&bytes, step), Ok(text));
        }
    }
}
