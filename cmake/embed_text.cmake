# Writes OUT, a C++ file that defines `std::string_view FUNCTION(std::string_view name)` of namespace NAMESPACE, declared in
# HEADER: the texts of FILES (separated by |) by their names without directory and extension. Run as a script at build time.
string(REPLACE "|" ";" files "${FILES}")
set(text "#include \"${HEADER}\"\n\n#include <map>\n\nnamespace ${NAMESPACE} {\n\n")
string(APPEND text "std::string_view ${FUNCTION}(std::string_view name) {\n")
string(APPEND text "  static const std::map<std::string_view, std::string_view> texts = {\n")
foreach(path IN LISTS files)
  get_filename_component(name ${path} NAME_WE)
  file(READ ${path} content)
  string(APPEND text "{\"${name}\", R\"EMBED(${content})EMBED\"},\n")
endforeach()
string(APPEND text "  };\n  return texts.at(name);\n}\n\n}  // namespace ${NAMESPACE}\n")
file(WRITE ${OUT} "${text}")
