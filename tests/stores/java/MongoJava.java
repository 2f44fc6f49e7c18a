import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** MongoJava PORT [ADDRESS]: a server, at 127.0.0.1 by itself, that speaks MongoDB's protocol, keeps its data in memory, and updates atomically. */
class MongoJava {
    public static void main(String[] arguments) throws InterruptedException {
        MongoServer server = new MongoServer(new SortedBackend());
        server.bind(arguments.length > 1 ? arguments[1] : "127.0.0.1", Integer.parseInt(arguments[0]));
        Thread.currentThread().join();
    }
}

class SortedBackend extends MemoryBackend {
    @Override
    public MemoryDatabase openOrCreateDatabase(String name) {
        return new SortedDatabase(name, getCursorRegistry());
    }
}

class SortedDatabase extends MemoryDatabase {
    SortedDatabase(String name, CursorRegistry cursors) {
        super(name, cursors);
    }

    @Override
    protected MemoryCollection openOrCreateCollection(String name, CollectionOptions options) {
        return new SortedCollection(this, name, options, cursorRegistry);
    }
}

/**
 * Finds what lies between two _ids, in their order, as MongoDB does by its index. The server's own collections look at every document and
 * sort what fits, so that the head of a stream would cost the more the longer all streams are. Its callers hold the collection's lock.
 */
class SortedCollection extends MemoryCollection {
    private static final Set<String> BOUNDS = Set.of("$gt", "$gte", "$lt", "$lte");
    private final NavigableMap<String, Integer> positions = new TreeMap<>();

    SortedCollection(MongoDatabase database, String name, CollectionOptions options, CursorRegistry cursors) {
        super(database, name, options, cursors);
    }

    @Override
    protected Integer addDocumentInternal(Document document) {
        Integer position = super.addDocumentInternal(document);
        if (document.get("_id") instanceof String id) positions.put(id, position);
        return position;
    }

    @Override
    protected void removeDocument(Integer position) {
        if (getDocument(position).get("_id") instanceof String id) positions.remove(id);
        super.removeDocument(position);
    }

    @Override
    protected QueryResult matchDocuments(Document query, Document order, int skip, int limit, int batch, Document fields) {
        Object direction = order == null || order.size() != 1 ? null : order.get("_id");
        NavigableMap<String, Integer> range = direction instanceof Number ? rangeOf(query) : null;
        if (range == null) return super.matchDocuments(query, order, skip, limit, batch, fields);
        if (((Number) direction).intValue() < 0) range = range.descendingMap();
        Stream<Document> documents = range.values().stream().map(this::getDocument);
        return matchDocumentsFromStream(documents, query, new Document(), skip, limit, batch, fields);
    }

    /** Null when the query has no bounds for the _id, or others than texts. */
    private NavigableMap<String, Integer> rangeOf(Document query) {
        if (!(query.get("_id") instanceof Document bounds) || bounds.isEmpty()) return null;
        NavigableMap<String, Integer> range = positions;
        for (Map.Entry<String, Object> bound : bounds.entrySet()) {
            if (!BOUNDS.contains(bound.getKey()) || !(bound.getValue() instanceof String at)) return null;
            range = narrow(range, bound.getKey(), at);
        }
        return range;
    }

    /** A map that was narrowed takes no bound from outside, behind which there is nothing or all of it. */
    private static NavigableMap<String, Integer> narrow(NavigableMap<String, Integer> range, String bound, String at) {
        boolean from = bound.startsWith("$g"), with = bound.endsWith("e");
        if (range.isEmpty()) return range;
        if (at.compareTo(range.firstKey()) < 0) return from ? range : Collections.emptyNavigableMap();
        if (at.compareTo(range.lastKey()) > 0) return from ? Collections.emptyNavigableMap() : range;
        return from ? range.tailMap(at, with) : range.headMap(at, with);
    }
}
