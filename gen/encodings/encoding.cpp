#include "gen/encodings/encoding.hpp"

#include <stdexcept>

namespace msq {

const EncodingTraits& encoding_traits(Encoding encoding) {
  switch (encoding) {
    case Encoding::paper:
      return kPaperEncoding;
    case Encoding::full_range:
      return kFullRangeEncoding;
  }
  throw std::logic_error("encoding_traits: no such encoding");
}

}  // namespace msq
