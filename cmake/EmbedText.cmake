# msq_embed_text(<output variable> FUNCTION f [NAMES g] NAMESPACE n HEADER h FILES ...): a generated C++ source that carries the files' texts.
function(msq_embed_text variable)
  cmake_parse_arguments(ARG "" "FUNCTION;NAMES;NAMESPACE;HEADER" "FILES" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${ARG_FUNCTION}.cpp)
  string(REPLACE ";" "|" joined "${ARG_FILES}")
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} "-DFILES=${joined}" -DOUT=${out} -DHEADER=${ARG_HEADER} -DNAMESPACE=${ARG_NAMESPACE}
            -DFUNCTION=${ARG_FUNCTION} "-DNAMES=${ARG_NAMES}" -P ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake
    DEPENDS ${ARG_FILES} ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake
    VERBATIM)
  set(${variable} ${out} PARENT_SCOPE)
endfunction()
