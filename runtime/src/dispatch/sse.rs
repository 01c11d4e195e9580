//! Events of a `text/event-stream` body, in order.

use bytes::{Buf as _, Bytes, BytesMut};

/// Splits a body into the data of its events.
#[derive(Debug)]
pub(super) struct Events {
    buffer: BytesMut,
    /// How much of the buffer has no line end.
    looked_at: usize,
    /// The last line ended with CR: a LF that follows belongs to it.
    after_cr: bool,
    data: Option<BytesMut>,
    cap: usize,
}

/// An event is larger than allowed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

impl Events {
    /// Events of at most `cap` bytes.
    pub(super) fn new(cap: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            looked_at: 0,
            after_cr: false,
            data: None,
            cap,
        }
    }

    /// Takes the next bytes of the body.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The data of the next event that has arrived whole.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, TooLarge> {
        while let Some(line) = self.line() {
            if line.is_empty() {
                if let Some(data) = self.data.take() {
                    return Ok(Some(data.freeze()));
                }
            } else {
                self.take_field(line);
            }
            if self.held() > self.cap {
                return Err(TooLarge);
            }
        }
        if self.held() + self.buffer.len() > self.cap {
            return Err(TooLarge);
        }
        Ok(None)
    }

    fn held(&self) -> usize {
        self.data.as_ref().map_or(0, BytesMut::len)
    }

    fn line(&mut self) -> Option<BytesMut> {
        if self.after_cr && self.buffer.first() == Some(&b'\n') {
            self.buffer.advance(1);
            self.after_cr = false;
        }
        let rest = self.buffer.get(self.looked_at..).unwrap_or_default();
        let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            self.looked_at = self.buffer.len();
            return None;
        };
        let line = self.buffer.split_to(self.looked_at + end);
        self.after_cr = self.buffer.first() == Some(&b'\r');
        self.buffer.advance(1);
        self.looked_at = 0;
        Some(line)
    }

    /// Keeps the data of a line; other fields, and comments, mean nothing here.
    fn take_field(&mut self, mut line: BytesMut) {
        if !line.starts_with(b"data") {
            return;
        }
        line.advance(4);
        match line.first() {
            Some(b':') => line.advance(1),
            Some(_) => return,
            None => {}
        }
        if line.first() == Some(&b' ') {
            line.advance(1);
        }
        match &mut self.data {
            Some(data) => {
                data.extend_from_slice(b"\n");
                data.extend_from_slice(&line);
            }
            // The usual case, an event of one line, is not copied.
            data @ None => *data = Some(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Events, TooLarge};

    /// The events of `body`, fed in pieces of `size` bytes.
    fn split(body: &str, size: usize) -> Vec<String> {
        let mut events = Events::new(64);
        let mut found = Vec::new();
        for piece in body.as_bytes().chunks(size) {
            events.feed(piece);
            while let Some(data) = events.next().unwrap() {
                found.push(String::from_utf8(data.to_vec()).unwrap());
            }
        }
        found
    }

    #[test]
    fn events_are_the_same_however_they_arrive() {
        let body = ": hello\n\nevent: message\ndata: {\"a\":1}\n\nid: 7\r\ndata:x\r\ndata: y\r\n\r\n\
                    retry: 5\rdata\r\rdataset: no\n\ndata: unfinished\n";
        for size in 1..=20 {
            assert_eq!(
                split(body, size),
                ["{\"a\":1}", "x\ny", ""],
                "pieces of {size}"
            );
        }
    }

    #[test]
    fn an_event_that_never_ends_is_too_large() {
        let mut events = Events::new(8);
        events.feed(b"data: 12345678");
        assert_eq!(events.next(), Err(TooLarge));
        let mut events = Events::new(8);
        events.feed(b"data: 1234\ndata: 5678\n");
        assert_eq!(events.next(), Err(TooLarge));
    }
}
