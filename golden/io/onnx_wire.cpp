#include "golden/io/onnx_wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>

namespace msq::golden {

bool SourceStream::Next(const void** data, int* size) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kWindow, end_ - next_));
  if (count == 0 || !error_.empty()) {
    return false;
  }
  if (auto done = source_.read(next_, std::span(window_).first(count)); !done) {
    error_ = std::move(done.error());
    return false;
  }
  next_ += count;
  *data = window_.data();
  *size = static_cast<int>(count);
  return true;
}

bool SourceStream::Skip(int count) {
  const auto wanted = static_cast<std::uint64_t>(count);
  const std::uint64_t skipped = std::min(wanted, end_ - next_);
  next_ += skipped;
  return skipped == wanted;
}

WireReader::WireReader(const ByteSource& source, Range range)
    : stream_(source, range.begin, range.end), begin_(range.begin), in_(&stream_) {
  in_.PushLimit(static_cast<int>(range.size()));
}

void WireReader::fail(std::string_view what) {
  if (error_.empty()) {
    error_ = stream_.error().empty() ? fmt::format("{} at byte {}", what, position()) : stream_.error();
  }
}

std::uint64_t WireReader::position() const {
  return begin_ + static_cast<std::uint64_t>(in_.CurrentPosition());
}

void WireReader::read_tag() {
  taken_ = false;
  tag_ = in_.ReadTag();
  if (tag_ >> 3 == 0) {
    fail("no protobuf field where one must begin");
  }
}

std::int64_t WireReader::read_varint() {
  std::uint64_t value = 0;
  if (ok() && !in_.ReadVarint64(&value)) {
    fail("a number that is cut off or too long");
  }
  return static_cast<std::int64_t>(value);
}

void WireReader::expect(unsigned wire_type_wanted) {
  taken_ = true;
  if (ok() && wire_type() != wire_type_wanted) {
    fail(fmt::format("field {} has wire type {}, {} was expected", tag_ >> 3, wire_type(), wire_type_wanted));
  }
}

std::int64_t WireReader::integer() {
  expect(kVarint);
  return read_varint();
}

float WireReader::real() {
  expect(kFixed32);
  std::uint32_t bits = 0;
  if (ok() && !in_.ReadLittleEndian32(&bits)) {
    fail("a number that is cut off");
  }
  return std::bit_cast<float>(bits);
}

WireReader::Range WireReader::begin_block() {
  expect(kLengthDelimited);
  const auto length = static_cast<std::uint64_t>(read_varint());
  const std::uint64_t begin = ok() ? position() : 0;
  if (ok() && length > static_cast<std::uint64_t>(std::max(in_.BytesUntilLimit(), 0))) {
    fail(fmt::format("field {} of {} bytes runs past the end of what holds it", tag_ >> 3, length));
  }
  return ok() ? Range{begin, begin + length} : Range{};
}

std::string WireReader::text() {
  const Range range = begin_block();
  std::string value;
  if (ok() && !in_.ReadString(&value, static_cast<int>(range.size()))) {
    fail("text that is cut off");
  }
  return value;
}

WireReader::Range WireReader::bytes() {
  const Range range = begin_block();
  if (ok()) {
    skip_bytes(range.size());
  }
  return range;
}

WireReader::Range WireReader::elements(std::size_t width) {
  if (wire_type() == kLengthDelimited) {
    const Range range = bytes();
    if (range.size() % width != 0) {
      fail(fmt::format("packed floats of {} bytes, no multiple of {},", range.size(), width));
    }
    return range;
  }
  expect(width == sizeof(float) ? kFixed32 : kFixed64);
  const std::uint64_t begin = position();
  if (ok()) {
    skip_bytes(width);
  }
  return {begin, begin + width};
}

void WireReader::skip_bytes(std::uint64_t count) {
  if (!in_.Skip(static_cast<int>(count))) {
    fail("a field that is cut off");
  }
}

void WireReader::skip() {
  switch (wire_type()) {
    case kVarint:
      (void)integer();
      return;
    case kFixed64:
      skip_bytes(8);
      return;
    case kLengthDelimited:
      (void)bytes();
      return;
    case kFixed32:
      skip_bytes(4);
      return;
    default:  // groups, which ONNX never had
      fail(fmt::format("field {} has wire type {}, which ONNX does not use,", tag_ >> 3, wire_type()));
  }
}

}  // namespace msq::golden
