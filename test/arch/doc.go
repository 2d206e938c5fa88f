// Package arch keeps the rooms of Vacancy apart. Its test lists the module's packages with the go command and compares what
// they import with one table: which room may see which, which library belongs to which room, what the pure rooms must not
// touch, and which names say nothing. A room, or a library, that the table does not know fails until somebody decides where it
// belongs. An entry of the table that nothing stands behind fails too.
//
// [Check], [Impurities] and [Unused] are functions of their arguments, so that the rules themselves are tested: a breach of each must be
// reported.
package arch
