//! What the stage brings can be read: a story that fails over it would blame the wrong side.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use authenticator_core::qr::{self, Frame};
use authenticator_core::uri::migration;

struct Stage {
    child: Child,
    address: String,
}

impl Stage {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stage"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split(' ').nth(1).unwrap().strip_prefix("http://").unwrap().to_owned();
        Self { child, address }
    }

    fn brings(&self, what: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET /{what} HTTP/1.0\r\nHost: stage\r\n\r\n").unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        let body = reply.windows(4).position(|mark| mark == b"\r\n\r\n").unwrap() + 4;
        reply.split_off(body)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn picture_frame_and_export_hold_what_they_should() {
    let stage = Stage::start();
    let picture = qr::read_image(&stage.brings("picture"), &|| false).unwrap();
    let luma = stage.brings("frame");
    let frame = qr::read_frame(&Frame::new(&luma, 640, 480, 704).unwrap(), &|| false);
    assert_eq!(picture.found[0].bytes, frame.found[0].bytes);
    let parts = ["export/1", "export/2"].map(|part| String::from_utf8(stage.brings(part)).unwrap());
    let accounts = parts.iter().map(|part| migration::parse(part).unwrap().accounts.len());
    assert_eq!(accounts.sum::<usize>(), 12);
    assert!(stage.brings("nobody/offer").starts_with(b"no session"));
}
