-- The words of the log lines, by the line's id. It keeps no copy of the text; every word can be found by its beginning.
CREATE VIRTUAL TABLE `logs_text` USING fts5(body, content='', contentless_delete=1, tokenize='unicode61', prefix='2 3');
